package vega

// object is a JSON object.
type object = map[string]any

// config is the theme laid under the chart's own.
func (l Look) config() object {
	c := object{}
	if l.Dark {
		ink, faint := "#d7dade", "#5f6368"
		c = object{
			"background": nil,
			"title":      object{"color": ink, "subtitleColor": ink},
			"axis":       object{"domainColor": "#9aa0a6", "gridColor": "#3c4043", "tickColor": "#9aa0a6", "labelColor": ink, "titleColor": ink},
			"legend":     object{"labelColor": ink, "titleColor": ink, "symbolBaseFillColor": ink, "symbolBaseStrokeColor": ink},
			"header":     object{"labelColor": ink, "titleColor": ink},
			"style":      object{"guide-label": object{"fill": ink}, "guide-title": object{"fill": ink}, "group-title": object{"fill": ink}, "group-subtitle": object{"fill": ink}},
			"text":       object{"color": ink},
			"rule":       object{"color": ink},
			"view":       object{"stroke": faint},
		}
		if !l.Lite { // Vega spells these by mark
			delete(c, "text")
			delete(c, "rule")
			delete(c, "view")
		}
	}
	if l.Text {
		c = merged(c, l.textConfig())
	}
	return c
}

// textConfig makes for few cells: lines that survive being shrunk, texts as wide
// as their characters (Vega reckons with 8 pixels a character at size 10).
func (l Look) textConfig() object {
	c := object{
		"axis":   object{"grid": false, "ticks": false, "labelFontSize": 10, "titleFontSize": 10, "labelPadding": 6, "labelLimit": 160, "titlePadding": 10, "labelOverlap": "greedy"},
		"axisX":  object{"labelAngle": 0, "labelAlign": "center", "labelBaseline": "top", "labelSeparation": 10, "labelPadding": 10},
		"axisY":  object{"titleAngle": 0, "titleAlign": "left", "titleAnchor": "start", "titleBaseline": "bottom", "titleX": -24, "titleY": -10, "tickCount": 6},
		"legend": object{"labelFontSize": 10, "titleFontSize": 10, "rowPadding": 6, "symbolSize": 180, "symbolStrokeWidth": 3, "labelOffset": 8, "labelLimit": 200},
		"title":  object{"fontSize": 10, "subtitleFontSize": 10, "anchor": "start", "offset": 16},
		"header": object{"labelFontSize": 10, "titleFontSize": 10, "labelAngle": 0},
		"view":   object{"stroke": nil, "continuousWidth": max(l.Width-160, 160), "continuousHeight": max(l.Height-90, 80), "discreteWidth": max(l.Width-160, 160), "discreteHeight": object{"step": l.step()}},
		"line":   object{"strokeWidth": 6}, "rule": object{"strokeWidth": 4}, "trail": object{"size": 6}, "tick": object{"thickness": 5, "bandSize": 14},
		"point": object{"size": 120, "filled": true, "strokeWidth": 4, "opacity": 1}, "circle": object{"size": 120, "opacity": 1}, "square": object{"size": 120, "opacity": 1},
		"scale": object{"minSize": 90, "maxSize": 500, "bandPaddingInner": 0.3},
		"text":  object{"fontSize": 10},
	}
	if !l.Lite {
		for _, mark := range []string{"view", "line", "rule", "trail", "tick", "point", "circle", "square", "text", "scale"} {
			delete(c, mark)
		}
	}
	return c
}

// step is the height of a row of a chart with one for each name: two cells, or one
// where many names make it too high.
func (l Look) step() int {
	if l.Tight {
		return 16
	}
	return 32
}

// merged lays b over a.
func merged(a, b object) object {
	out := object{}
	for k, v := range a {
		out[k] = v
	}
	for k, v := range b {
		low, ok := out[k].(object)
		high, ok2 := v.(object)
		if ok && ok2 {
			out[k] = merged(low, high)
		} else {
			out[k] = v
		}
	}
	return out
}
