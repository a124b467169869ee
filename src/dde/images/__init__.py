"""Images, whatever they come in, as rows of colours that the kernels take; and their maps."""
