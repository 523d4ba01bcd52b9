// What nbterm asks of MathJax: TeX in, an SVG of paths out.
import {mathjax} from 'mathjax-full/js/mathjax.js';
import {TeX} from 'mathjax-full/js/input/tex.js';
import {SVG} from 'mathjax-full/js/output/svg.js';
import {liteAdaptor} from 'mathjax-full/js/adaptors/liteAdaptor.js';
import {RegisterHTMLHandler} from 'mathjax-full/js/handlers/html.js';
import 'mathjax-full/js/input/tex/base/BaseConfiguration.js';
import 'mathjax-full/js/input/tex/ams/AmsConfiguration.js';
import 'mathjax-full/js/input/tex/newcommand/NewcommandConfiguration.js';
import 'mathjax-full/js/input/tex/boldsymbol/BoldsymbolConfiguration.js';
import 'mathjax-full/js/input/tex/cancel/CancelConfiguration.js';
import 'mathjax-full/js/input/tex/color/ColorConfiguration.js';
import 'mathjax-full/js/input/tex/mathtools/MathtoolsConfiguration.js';
import 'mathjax-full/js/input/tex/mhchem/MhchemConfiguration.js';
import 'mathjax-full/js/input/tex/unicode/UnicodeConfiguration.js';

const adaptor = liteAdaptor();
RegisterHTMLHandler(adaptor);
let said;
// A document for each formula: definitions in one do not reach the next.
globalThis.draw = function (source, options) {
  said = undefined;
  const {ex} = JSON.parse(options);
  const tex = new TeX({packages: ['base', 'ams', 'newcommand', 'boldsymbol', 'cancel', 'color', 'mathtools', 'mhchem', 'unicode'], maxMacros: 1000, maxBuffer: 8192,
    formatError(jax, error) { throw error; }});
  const html = mathjax.document('', {InputJax: tex, OutputJax: new SVG({fontCache: 'local'})});
  try {
    const node = html.convert(source, {display: true, em: 2 * ex, ex, containerWidth: 100 * ex});
    said = JSON.stringify({svg: adaptor.innerHTML(node)});
  } catch (error) {
    said = JSON.stringify({error: String(error && error.message || error)});
  }
};
globalThis.answer = () => said;

globalThis.tick = () => 0;
