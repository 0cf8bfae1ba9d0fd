"""Category masks that MediaPipe 1.2.2 gave, as run lengths in base 36, background first.

The picture is skimage's astronaut at 320 x 240, shrunk by ``cv2.resize``.
"""

CATEGORIES = {
    "selfie_segmentation.tflite": (
        42003,
        """
        6 2 2 1 3 i 1t9 b 8g l 85 u 7y 11 7s 17 7o 1a 7k 1e 7h 1i 7d 1k 7b 1n 76 1s 73 1u 6z
        1y 6w 21 6s 25 6q 27 6n 29 6m 2b 6k 2d 6h 2f 6g 2g 6g 2h 6e 2i 6e 2i 6e 2j 6d 2j 6c 2l
        6c 2k 6c 2k 6c 2k 6c 2k 6c 2l 6b 2l 6b 2l 6b 2l 6b 2l 6b 2l 6b 2l 6c 2j 6d 2j 6d 2i 6f
        2h 6g 2f 6h 2f 6i 2d 6k 2c 6m 29 6p 26 6r 24 6t 21 6w 1z 6z 1w 71 1u 73 1r 75 1q 77 1p
        78 1m 7a 1l 7b 1k 7c 1i 7e 1i 7e 1h 7f 1h 7f 1g 7e 1h 75 1q 71 1v 6z 1w 6v 20 6s 1 2
        21 6q 1 2 23 6p 2 1 23 6p 27 6o 27 6p 28 6m 2b 6k 2d 6i 2e 6h 2h 6e 2k 6b 2n 69 2p 67
        2r 65 2t 62 2v 60 2y 5y 2z 5w 31 5u 34 5r 36 5p 38 5n 3a 5l 3b 5i 3f 5e 3j 5d 3k 5b 3l
        5a 3n 57 3p 56 3r 53 3t 51 3w 4y 3z 4v 43 4r 47 4o 4a 4m 4c 4i 4g 4f 4i 4d 4l 4a 4n 49
        4p 45 4s 44 4u 41 4w 3z 4y 3y 4z 3w 51 3v 51 3t 54 3r 56 3p 58 3m 5a 3m 5a 3m 5b 3k 5c
        8 2 3a 5e 5 3 3a 5e 4 7 36 5h 2 6 37 5i 1 7 35 5r 34 5s 34 5r 35 5r 35 5q 36 5q 36 5q
        34 5s 34 5s 34 5r 35 5r 34 5s 34 5s 32 5v 31 5v 31 5v 31 5v 31 5v 31 5v 2x 2 1 5w 30
        5w 30 5w 2z 5y 2y 5z 2w 62 7 n 20 62 1 u 1z 74 1s 75 1r 79 1n 7a 1m 7e 1i 7f 1h 7h 1f
        7k 1c 7l 1a 7o 18 7p 16 7r 15 7t 13 7u 12 7v 10 7x y 7y y 80 v 82 u 83 t 83 i 2 7 86 h
        2 3 1 3 86 h 8g k 8d j 6 1 86 j 8e i 1 1 8d h 1 1 8d g 2 1 8d g 8h c 1 1 3 1 8e e 8i c
        8k c 8l b 8l b 8m a 8m a 8m a 8m a 8m a 8m a 8m a 8m a 8m a 8n 9 8n 9 8o 8 8o 8 8p 7
        8q 6 8r 5 8r 5 8r 5 8r 5 8q 1 1 4 8q 6 8p 7 8q 6 8l 1 4 6 8l 2 4 5 8l 3 3 5 8s 4 8p 1
        2 4 8o 8 8o 8 2 2 8k 8 1 3 8k e 8f h 8f 5 1 b 8g 4 1 2 2 7 1 1 8e 4 1 2 3 9 8d 4 1 2 3
        4 1 1 1 2 1 1 8b 9 1 6 1 4 87 1 3 d 2 3 89 c 3 9 85 2 1 d 2
        """,
    ),
    "selfie_segmentation_landscape.tflite": (
        43377,
        """
        1u6 7 8i m 84 w 7y 10 7s 17 7o 1a 7k 1f 7g 1h 7e 1l 7a 1o 76 1r 72 1w 6w 20 6v 22 6s
        25 6q 27 6n 29 6m 2b 6k 2d 6h 2f 6g 2g 6g 2h 6e 2i 6e 2i 6e 2j 6d 2j 6d 2j 6d 2k 6c 2k
        6c 2k 6c 2l 6b 2l 6b 2l 6b 2l 6b 2l 6b 2l 6b 2l 6c 2j 6d 2j 6d 2j 6d 2i 6f 2h 6g 2f 6h
        2e 6j 2d 6k 2c 6m 28 6p 26 6s 24 6t 22 6x 1y 6y 1w 70 1v 71 1t 74 1s 74 1q 77 1o 79 1l
        7b 1k 7c 1j 7d 1i 7e 1i 7e 1h 76 1p 72 1u 6x 1y 6w 1z 4p 3 23 20 4q 3 22 21 6t 22 6t
        23 6s 24 6r 25 6q 26 6p 27 6o 29 6m 2b 6k 2d 6g 2 1 2f 6d 3 1 2h 6b 2 2 2j 69 2p 66 2r
        65 2s 63 2u 62 2w 5y 2z 5x 30 5v 33 5s 34 5q 37 5o 39 5m 3b 5k 3e 5f 3h 5e 3j 5d 3k 5b
        3l 5a 3n 58 3p 54 3s 51 3v 50 3y 4v 42 4q 2 1 45 4n 4c 4k 4e 4h 4g 4f 4j 4d 4k 4b 4m
        4a 4o 47 4r 44 4t 42 4v 3z 4y 3y 50 3w 51 3u 52 3t 53 3s 55 3r 56 3o 58 3n 5a 3m 5a 3m
        5b 3l 5b 3k 5d 1r 1 1 4 1l 5e 1r 1 1 4 1l 5f 3g 5h 1w 3 1f 5i 1p 1 6 3 1f 5j z 1 1 1 1
        v 1f 5j u 1 1 11 1g 5j t 14 1f 5l 1 1 o 16 12 2 b 5n m 18 12 3 a 5n m 16 14 3 a 5o k
        17 14 5 6 5q i 19 12 b 2 5q g 1b 13 b 1 5r f 1b 14 63 d 1c 14 64 a 1e 14 64 8 1g 16 62
        8 1g 17 64 2 1j 17 77 5 d 18 75 7 c 18 75 6 d 19 77 1 f 19 77 1 g 18 7o 19 7o 18 7o 18
        6d d 1 1 w 18 6m 1 12 17 7q 16 7q 16 7q 16 7r 15 65 7 1f 15 63 a 1e 15 67 5 1f 13 1 1
        68 4 1f 13 7t 13 7t 13 7s 14 7t 12 7v 11 7v 11 7w 1 2 w 80 v 80 w 80 w 83 r 85 r 85 1
        1 p 85 1 1 g 1 8 87 g 4 5 87 g 5 4 87 g 5 4 87 g 8h f 8i e 8j d 8l b 8m a 8m a 8m a 8l
        b 8m a 8m a 8m a 6c 1 29 a 6b 4 27 a 6b 4 27 a 6b 4 28 9 6b 3 29 9 6c 2 2b 7 8j 3 5 3
        8l 3 6 1 66 1 2f 1 8 1 65 5 2c 3 6c 5 2c 3 6c 6 2b 3 6e 4 8v 1 2 1 1ar 3 1qf 3 8r 6 8p
        8 8o 9 8n a 8m a 8m b 8k e 8h 3 2 a 8b 1 5 3 1 b 8h 3 2 c 8f 3 2 c 8f 3 2 d 8e 2 3
        """,
    ),
}
