"""What is wrong with an upload's form, in a sentence: Gradio would answer some with a fault of the program, and others with no files."""

from __future__ import annotations

from gradio.route_utils import GradioMultiPartParser, MultiPartException
from starlette.datastructures import FormData, UploadFile

from segdemo.ui.limits import FIELD_BYTES, UPLOAD_MEGABYTES
from segdemo.ui.refusals import Refused

NAME = "files"
HELP = f"Send files in the field `{NAME}`; with curl: -F {NAME}=@photo.jpg"
ADVICE = f"请用字段 {NAME} 发送文件；用 curl：-F {NAME}=@photo.jpg"


def check_forms() -> None:
    """Has Gradio refuse a form that brings no file, or is not whole; and hold no long field that is no file in memory."""
    GradioMultiPartParser.parse = _parsed
    GradioMultiPartParser.on_end = _ended
    GradioMultiPartParser.on_part_data = _limited


_parse, _on_part_data = GradioMultiPartParser.parse, GradioMultiPartParser.on_part_data


async def _parsed(self: GradioMultiPartParser) -> FormData:
    try:
        form = await _parse(self)
    except MultiPartException as error:
        if error.message.startswith("File size"):
            raise Refused(413, f"A file has over {UPLOAD_MEGABYTES} MB. Make it smaller.", f"文件超过 {UPLOAD_MEGABYTES} MB，请缩小。") from error
        raise Refused(400, f"The form cannot be read ({error.message.rstrip('.')}). {HELP}", f"无法读取表单。{ADVICE}") from error
    sent = form.getlist(NAME)
    if not getattr(self, "is_whole", False):
        raise Refused(400, "The upload was cut off. Send it again.", "上传不完整，请重新上传。")
    if not sent:
        raise Refused(400, f"There is no file in the form. {HELP}", f"表单中没有文件。{ADVICE}")
    if not all(isinstance(each, UploadFile) for each in sent):
        raise Refused(400, f"`{NAME}` is a text; it must be a file. {HELP}", f"{NAME} 是文本，应为文件。{ADVICE}")
    return form


def _ended(self: GradioMultiPartParser) -> None:
    self.is_whole = True


def _limited(self: GradioMultiPartParser, data: bytes, start: int, end: int) -> None:
    part = self._current_part
    if part.file is not None:
        _on_part_data(self, data, start, end)
    elif len(part.data) + end - start > FIELD_BYTES:
        raise MultiPartException(f"a field that is no file has over {FIELD_BYTES} bytes")
    else:
        part.data += data[start:end]
