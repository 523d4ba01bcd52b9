package main

import "nbterm/storage"

// past knows what the object at p was, nil where nothing does.
func (a *app) past(p place) storage.Versioner {
	v, _ := p.store.(storage.Versioner)
	return v
}
