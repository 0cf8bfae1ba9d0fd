"""Region-based methods: like pixels that touch. One method a file, one row a method."""

ROWS: dict[str, str] = {
    "region-growing": "pixelwise.methods.regions.region_growing:RegionGrowing",
    "split-and-merge": "pixelwise.methods.regions.split_and_merge:SplitAndMerge",
    "watershed": "pixelwise.methods.regions.watershed:Watershed",
    "felzenszwalb": "pixelwise.methods.regions.felzenszwalb:Felzenszwalb",
    "rag-merge": "pixelwise.methods.regions.rag_merge:RagMerge",
    "random-walker": "pixelwise.methods.regions.random_walker:RandomWalker",
    "grabcut": "pixelwise.methods.regions.grabcut:GrabCut",
}
