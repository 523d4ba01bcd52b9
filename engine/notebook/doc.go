// Package notebook is a lossless .ipynb document. The original bytes are kept and
// an edit touches only its own span, so what is not understood travels through
// untouched. No I/O.
package notebook
