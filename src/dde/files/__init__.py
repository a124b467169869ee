"""Images and patch tables, whatever they come in, as arrays that the kernels take."""
