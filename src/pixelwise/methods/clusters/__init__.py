"""Clustering: like pixels, wherever they are. One method a file, one row a method."""

ROWS = {
    "k-means": "pixelwise.methods.clusters.k_means:KMeans",
    "gaussian-mixture": "pixelwise.methods.clusters.gaussian_mixture:GaussianMixture",
    "mean-shift": "pixelwise.methods.clusters.mean_shift:MeanShift",
    "slic": "pixelwise.methods.clusters.slic:Slic",
    "quickshift": "pixelwise.methods.clusters.quickshift:QuickShift",
}
