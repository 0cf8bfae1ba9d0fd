"""Medical volumes: presets in Hounsfield units, numbers in millimetres and millilitres, reports.

Nothing here is a medical device. What a patient is called is neither logged nor written into
file names.
"""
