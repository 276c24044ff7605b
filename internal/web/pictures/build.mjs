// Bundles src/pictures.js with the marks of Observable Plot that it names.
//
// Plot puts a <style> element into each drawing. The pages' content security policy forbids that (style-src 'self'), and the
// browser would report every drawing. So the three places are taken out here, and their rules stand in assets/look.css under
// ".picture svg". When a later Plot has other places, the build stops and says so.
import {readFile, mkdir, stat} from "node:fs/promises";
import {gzipSync} from "node:zlib";
import {build} from "esbuild";

const out = "../assets/built/pictures.js";
const places = {"plot.js": 1, "ramp.js": 1, "swatches.js": 1};
const element = /\.(?:append|insert)\("style"(?:, "\*")?\)\.text\(/g;

const styleless = {
  name: "no style elements",
  setup(b) {
    b.onLoad({filter: /@observablehq\/plot\/src\/(plot|legends\/(ramp|swatches))\.js$/}, async ({path}) => {
      const name = path.split("/").pop();
      const text = await readFile(path, "utf8");
      const found = text.match(element) ?? [];
      if (found.length !== places[name]) throw new Error(`${name} of Plot makes ${found.length} style elements, expected ${places[name]}: look at it, and at build.mjs`);
      return {contents: text.replace(element, ".call(() => {}, "), loader: "js"};
    });
  }
};

await mkdir("../assets/built", {recursive: true});
await build({
  entryPoints: ["src/pictures.js"], outfile: out, bundle: true, minify: true, format: "iife", target: ["es2022"],
  legalComments: "inline", charset: "utf8", plugins: [styleless], logLevel: "warning"
});
const text = await readFile(out);
if (/append\("style"\)|insert\("style"/.test(text.toString())) throw new Error("a style element is left in pictures.js");
console.log(`assets: pictures.js ${(await stat(out)).size} bytes, ${gzipSync(text).length} in gzip`);
