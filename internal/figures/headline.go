package figures

const headlineKey = "plaza.figures.headline"
