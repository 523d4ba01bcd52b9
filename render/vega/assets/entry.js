// What nbterm asks of Vega: a specification in, an SVG out, nothing fetched.
import * as vega from 'vega';
import * as vegaLite from 'vega-lite';

// merge lays b over a, objects member by member.
function merge(a, b) {
  if (!a || !b || typeof a !== 'object' || typeof b !== 'object' || Array.isArray(a) || Array.isArray(b)) {
    return b === undefined ? a : b;
  }
  const out = {...a};
  for (const key of Object.keys(b)) {
    out[key] = merge(a[key], b[key]);
  }
  return out;
}

// draw sets globalThis.drawn to {svg} or {error} once the promises have run.
globalThis.draw = function (source, options) {
  globalThis.drawn = undefined;
  const {lite, config, width, height} = JSON.parse(options);
  const warnings = [], faults = [];
  const refuse = () => Promise.reject(new Error('not loaded'));
  const load = () => { faults.push('its data lies elsewhere, and is not loaded'); return refuse(); };
  const loader = {load, http: load, file: load, sanitize: refuse, options: {}};
  const logger = {level() { return this; }, warn(...m) { warnings.push(m.join(' ')); return this; }, info() { return this; }, debug() { return this; },
    error(...m) { faults.push(m.map((x) => x && x.message || x).join(' ')); return this; }};
  (async () => {
    let spec = JSON.parse(source);
    if (lite) {
      spec = vegaLite.compile({...spec, config: merge(config, spec.config)}, {logger}).spec;
    } else {
      spec = {...spec, config: merge(config, spec.config)};
    }
    const view = new vega.View(vega.parse(spec), {loader, logger, renderer: 'none'});
    await view.runAsync();
    // A chart that is too large is laid out again, smaller, as far as its sizes are
    // free and do not follow from the number of names.
    const free = (name) => !(spec.signals || []).some((s) => s.name === name && s.update);
    for (let round = 0; round < 2 && width > 0; round++) {
      const svg = await view.toSVG();
      const m = /<svg[^>]* width="([\d.]+)" height="([\d.]+)"/.exec(svg);
      if (!m) { break; }
      const over = [Number(m[1]) - width, Number(m[2]) - height];
      if (over[0] <= 0 && over[1] <= 0 || !(view.width() > 0) || !(view.height() > 0)) { break; }
      if (over[0] > 0 && free('width')) { view.width(Math.max(view.width() - over[0], 40)); }
      if (over[1] > 0 && free('height')) { view.height(Math.max(view.height() - over[1], 40)); }
      await view.runAsync();
    }
    const svg = await view.toSVG();
    view.finalize();
    if (faults.length > 0) { throw new Error(faults[0]); }
    return {svg, warnings};
  })().then(
    (result) => { globalThis.drawn = JSON.stringify(result); },
    (error) => { globalThis.drawn = JSON.stringify({error: String(error && error.message || error), warnings}); },
  );
};

globalThis.answer = () => globalThis.drawn;
globalThis.versions = () => JSON.stringify({vega: vega.version, vegaLite: vegaLite.version});
