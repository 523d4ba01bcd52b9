package widget

import "encoding/json"

// byDefault is what a model has where nothing was told: saved state leaves out what
// is so by default. From the defaults() of @jupyter-widgets/controls 5.0 (npm), which
// has the 2.0 models; null and "" are left out here, as they read the same.
func byDefault(kind, name string) json.RawMessage {
	value := ""
	switch name {
	case "value":
		value = defaultValue(kind)
	case "min":
		value = "0"
	case "max":
		value = "100"
		if kind == "FloatLogSlider" {
			value = "4"
		}
	case "step":
		value = defaultStep(kind)
	case "base":
		value = "10"
	case "interval":
		value = "100"
	case "readout_format":
		value = defaultFormat(kind)
	case "readout":
		value = "true"
		if kind == "Valid" {
			value = `"Invalid"`
		}
	case "continuous_update":
		value = "true"
		switch kind {
		case "IntText", "FloatText", "BoundedIntText", "BoundedFloatText":
			value = "false"
		}
	case "rows":
		if kind == "Select" {
			value = "5"
		}
	case "format":
		if kind == "Image" {
			value = `"png"`
		}
	case "description":
		if kind == "FileUpload" {
			value = `"Upload"`
		}
	case "indent", "show_repeat":
		value = "true"
	}
	if value == "" {
		return nil
	}
	return json.RawMessage(value)
}

func defaultValue(kind string) string {
	switch kind {
	case "Checkbox", "ToggleButton", "Valid":
		return "false"
	case "ColorPicker":
		return `"black"`
	case "FloatLogSlider":
		return "1"
	case "IntRangeSlider", "FloatRangeSlider":
		return "[0,1]"
	}
	if _, ok := numeric(kind); ok {
		return "0"
	}
	return ""
}

func defaultStep(kind string) string {
	switch kind {
	case "FloatLogSlider", "BoundedFloatText":
		return "0.1"
	case "Time":
		return "60"
	}
	return "1"
}

func defaultFormat(kind string) string {
	switch kind {
	case "FloatSlider", "FloatRangeSlider":
		return `".2f"`
	case "FloatLogSlider":
		return `".3g"`
	}
	return `"d"`
}

// numeric is true for kinds whose value is a number; whole when it has no fraction.
func numeric(kind string) (whole, ok bool) {
	switch kind {
	case "IntSlider", "IntText", "BoundedIntText", "IntProgress", "Play", "IntRangeSlider":
		return true, true
	case "FloatSlider", "FloatLogSlider", "FloatText", "BoundedFloatText", "FloatProgress", "FloatRangeSlider", "Progress":
		return false, true
	}
	return false, false
}
