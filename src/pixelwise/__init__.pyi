from pixelwise import errors as errors
from pixelwise.catalog import best as best
from pixelwise.catalog import composite as composite
from pixelwise.catalog import find as find
from pixelwise.catalog import list_methods as list_methods
from pixelwise.catalog import list_models as list_models
from pixelwise.catalog import segment as segment
from pixelwise.convert import fuse as fuse
from pixelwise.convert import to_foreground as to_foreground
from pixelwise.convert import to_instances as to_instances
from pixelwise.convert import to_panoptic as to_panoptic
from pixelwise.convert import to_semantic as to_semantic
from pixelwise.core import Foreground as Foreground
from pixelwise.core import Image as Image
from pixelwise.core import Instances as Instances
from pixelwise.core import Legend as Legend
from pixelwise.core import Panoptic as Panoptic
from pixelwise.core import Prompts as Prompts
from pixelwise.core import Regions as Regions
from pixelwise.core import Semantic as Semantic
from pixelwise.core import Space as Space
from pixelwise.core import Task as Task
from pixelwise.drawing import draw as draw
from pixelwise.evaluation import evaluate as evaluate
from pixelwise.io.files import read as read
from pixelwise.io.files import write as write
from pixelwise.pipeline import run as run

__version__: str
__all__: list[str]
