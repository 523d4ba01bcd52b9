// The few things of a browser that Vega wants.
globalThis.console = {log() {}, warn() {}, error() {}, info() {}, debug() {}};
globalThis.structuredClone = globalThis.structuredClone || function clone(v) {
  if (v === null || typeof v !== 'object') { return v; }
  if (v instanceof Date) { return new Date(v.getTime()); }
  if (Array.isArray(v)) { return v.map(clone); }
  if (v instanceof RegExp) { return new RegExp(v); }
  return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, clone(x)]));
};
const timers = [];
let timer = 0;
globalThis.setTimeout = (f, ms, ...args) => { timers.push({id: ++timer, f: () => f(...args)}); return timer; };
globalThis.clearTimeout = (id) => { const i = timers.findIndex((t) => t.id === id); if (i >= 0) { timers.splice(i, 1); } };
globalThis.setInterval = () => 0;
globalThis.clearInterval = () => {};
globalThis.requestAnimationFrame = (f) => globalThis.setTimeout(f, 0, 0);
globalThis.cancelAnimationFrame = globalThis.clearTimeout;
globalThis.queueMicrotask = globalThis.queueMicrotask || ((f) => { Promise.resolve().then(f); });
globalThis.performance = globalThis.performance || {now: () => Date.now()};
// tick runs the timers that are due, which here is all; it says whether there were any.
globalThis.tick = () => { const due = timers.splice(0); for (const t of due) { t.f(); } return due.length; };
