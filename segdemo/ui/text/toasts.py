"""What Gradio's small boxes say, in English as a regular expression, and in Chinese; `toasts.js` translates them."""

from segdemo.ui.refusals import DELETED, FULL, STOPS

TOASTS = [
    (DELETED.en, DELETED.zh),
    (FULL.en, FULL.zh),
    (STOPS.en, STOPS.zh),
    ("Error", "错误"),
    ("Warning", "注意"),
    ("Info", "提示"),
    ("Connection Lost", "连接中断"),
    (r"Connection to the server was lost\. Attempting reconnection\.\.\.", "与服务器的连接已中断，正在重新连接……"),
    (r"Connection errored out\..*", "与服务器的连接出错，请重试。"),
    (r"This application is currently busy\..*|Queue is full\..*", "现在使用的人太多，请稍后再试。"),
    (r"File\(s\) exceed the maximum allowed size of (.+?): (.+)", "文件超过 $1 的上限：$2"),
    (r"Invalid file types?: (.+)\. Only .+ allowed\.", "不支持这种文件：$1。"),
]
