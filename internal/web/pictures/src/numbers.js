// Numbers as the pages print them: the digits of the page, a true minus, and no sign on zero.

// number reads an exact decimal of the server; what is missing is NaN and is left out by every mark.
export const number = (text) => (text === undefined || text === "" ? NaN : Number(text));

// day reads a date of the server as a moment that no time zone moves.
export const day = (text) => new Date(`${text}T00:00:00Z`);

const language = document.documentElement.lang || "en";
const locale = `${Intl.NumberFormat.supportedLocalesOf([language]).length ? language : "en"}-u-nu-latn`;

// scale says how the ticks of an axis are written: with as many places as the
// step needs, compact above ten thousand, and with the unit of the figure.
export function scale(values, unit = "") {
  const most = Math.max(...values.filter(Number.isFinite).map(Math.abs), 0);
  const format = new Intl.NumberFormat(locale, most >= 10000 ? {notation: "compact", maximumFractionDigits: 1} : {maximumFractionDigits: most < 2 ? 2 : most < 10 ? 1 : 0});
  return (value) => `${format.format(Math.abs(value) < 1e-9 ? 0 : value).replace("-", "−")}${unit}`;
}

// some chooses which of the labels stand under an axis, so that none touches
// the next: the last always does.
export function some(labels, width) {
  const longest = Math.max(...labels.map((l) => l.length)) * 6.5 + 16; // of 12 pixels, with room
  const step = Math.max(1, Math.ceil((labels.length * longest) / Math.max(width, 1)));
  return (i) => (labels.length - 1 - i) % step === 0;
}

// frame is what all drawings share.
export const frame = {height: 280, marginTop: 24, marginBottom: 32, marginLeft: 48, marginRight: 16, className: "plot", style: {}};
