# docker build -t segdemo . && docker run --rm -p 7860:7860 segdemo
FROM python:3.12-slim-bookworm
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOST=0.0.0.0 PORT=7860
WORKDIR /app
COPY requirements.txt ./
RUN pip install --no-cache-dir -r requirements.txt && useradd --create-home --uid 1000 segdemo && install -d -o segdemo -g segdemo /uploads
COPY app.py LICENSE ./
COPY docs/*.svg docs/*.json docs/
COPY weights weights
COPY segdemo segdemo
USER 1000
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(r.Request(f'http://127.0.0.1:{os.environ[\"PORT\"]}/gradio_api/startup-events'), timeout=4)"]
CMD ["python", "app.py"]
