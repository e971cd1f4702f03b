"""The preview window: a program of its own, started by `window.PreviewWindow`.

It shows pictures from stdin and prints keys on stdout.

In its own process, because a window system that goes away ends the program that has a window on it, and because a window has to
be looked after while a training step takes long. It loads nothing but OpenCV and NumPy.

stdin   pictures: height, width as two little-endian uint32, then height x width x 3 bytes BGR; its end closes the window
stdout  lines: `ready`, then the number of each key. Exit code 0: the person, or the end of stdin, has closed the window.
"""

import os
import struct
import sys
import threading

import cv2
import numpy as np

HEADER = struct.Struct("<II")
POLL_MILLISECONDS = 30
CHARACTERS = 0x80  # greater numbers are arrows, function keys and modifiers
LOCKS = 0xFFFF  # above these bits some window systems report NumLock and Shift


class FrameReader:
    """Reads stdin in a thread; `newest` is the last whole picture, until it is taken."""

    def __init__(self):
        self.newest, self.ended = None, False
        threading.Thread(target=self._read, daemon=True).start()

    def take(self) -> np.ndarray | None:
        picture, self.newest = self.newest, None
        return picture

    def _read(self) -> None:
        while len(header := read(HEADER.size)) == HEADER.size:
            height, width = HEADER.unpack(header)
            pixels = read(height * width * 3)
            if len(pixels) == height * width * 3:
                self.newest = np.frombuffer(pixels, np.uint8).reshape(height, width, 3)
        self.ended = True


def read(count: int) -> bytes:
    """`count` bytes of stdin, fewer at its end. Not through sys.stdin: Python could not end while a thread waits in it."""
    whole = bytearray()
    while len(whole) < count and (part := os.read(0, count - len(whole))):
        whole += part
    return bytes(whole)


def show(title: str, pictures: FrameReader) -> None:
    """Until stdin ends or the window is closed."""
    cv2.namedWindow(title, cv2.WINDOW_AUTOSIZE | cv2.WINDOW_GUI_NORMAL)
    print("ready", flush=True)
    while not pictures.ended:
        picture = pictures.take()
        if picture is not None:
            cv2.imshow(title, picture)
        code = cv2.waitKeyEx(POLL_MILLISECONDS)
        if code >= 0 and code & LOCKS < CHARACTERS:
            print(code & LOCKS, flush=True)
        if is_closed(title):
            break


def is_closed(title: str) -> bool:
    try:
        return cv2.getWindowProperty(title, cv2.WND_PROP_VISIBLE) < 1
    except cv2.error:  # how Qt says that there is no window at all
        return True


if __name__ == "__main__":
    show(sys.argv[1], FrameReader())
