"""How a request that is not let in is answered: a status and a sentence."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.responses import JSONResponse

from segdemo.languages import Words
from segdemo.ui.limits import CALL_BYTES

MCP = "/gradio_api/mcp"
SENT = f"A file is sent in the call itself, as a data: URI such as data:image/png;base64,iVBORw0... with at most {CALL_BYTES * 3 // 4_000_000} MB in it."
DELETED = Words("This file was deleted from the server after an hour. Upload it again.", "文件上传满一小时，已删除。请重新上传。")
FULL = Words("The server has no room for more files just now. Come back in an hour.", "服务器目前没有空间存放更多文件，请稍后再试。")
STOPS = Words("The server is being restarted. Come back in a minute.", "服务器正在重新启动，请一分钟后再试。")
FAILED = Words("The program failed ({kind}). Try again; if it stays so, its log says more.", "程序出错（{kind}）。请重试；再出错，见日志。")


class Refused(Exception):
    """A request that is not let in: the HTTP status, and a sentence that says why and what to do; in Chinese, too, where the page may show it."""

    def __init__(self, status: int, english: str, chinese: str = "", call: object = None, allowed: str = ""):
        super().__init__(english)
        self.status, self.chinese, self.call = status, chinese, call
        self.headers = {"allow": allowed} if allowed else {"retry-after": "60"} if status in (503, 507) else None

    def answer(self, path: str, headers: Headers) -> JSONResponse:
        """To an assistant (MCP), what its tool says; to others, the status."""
        if path.startswith(MCP) and isinstance(self.call, dict) and "id" in self.call:
            result = {"content": [{"type": "text", "text": str(self)}], "isError": True}
            return JSONResponse({"jsonrpc": "2.0", "id": self.call["id"], "result": result})
        sentence = self.chinese if self.chinese and headers.get("accept-language", "").lower().startswith("zh") else str(self)
        return JSONResponse({"detail": sentence, "error": sentence}, self.status, self.headers)


def refused(error: Exception) -> Refused:
    """What is answered to who met an error."""
    kind = type(error).__name__
    return error if isinstance(error, Refused) else Refused(500, FAILED.en.format(kind=kind), FAILED.zh.format(kind=kind))
