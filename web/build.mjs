// Builds `dist/`: one stylesheet and one script for the citizen's pages, one of
// each for the desk, fonts and icons. Every name carries a hash of its content;
// `manifest.json` maps the plain name ("desk.css") to the hashed one.
//
//   node build.mjs [--keep PATH]...    also keep the CSS classes used in PATH

import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { dirname, extname, join, parse } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import * as esbuild from "esbuild";
import { PurgeCSS } from "purgecss";
import * as sass from "sass";

const web = dirname(fileURLToPath(import.meta.url));
const dist = join(web, "dist");
const italia = join(web, "node_modules", "bootstrap-italia", "dist");
const target = ["es2021", "chrome100", "firefox100", "safari15"];

const fonts = {
  "titillium-300.woff2": "Titillium_Web/titillium-web-v10-latin-ext_latin-300.woff2",
  "titillium-400.woff2": "Titillium_Web/titillium-web-v10-latin-ext_latin-regular.woff2",
  "titillium-400-italic.woff2": "Titillium_Web/titillium-web-v10-latin-ext_latin-italic.woff2",
  "titillium-600.woff2": "Titillium_Web/titillium-web-v10-latin-ext_latin-600.woff2",
  "titillium-700.woff2": "Titillium_Web/titillium-web-v10-latin-ext_latin-700.woff2",
  "lora-400.woff2": "Lora/lora-v20-latin-ext_latin-regular.woff2",
  "roboto-mono-400.woff2": "Roboto_Mono/roboto-mono-v13-latin-ext_latin-regular.woff2",
  "roboto-mono-700.woff2": "Roboto_Mono/roboto-mono-v13-latin-ext_latin-700.woff2",
};

// Where class names are written: what none of these mentions leaves the CSS.
const { values } = parseArgs({ options: { keep: { type: "string", multiple: true, default: [] } } });
const markup = [join(web, "templates"), join(web, "scripts"), join(web, "..", "src"), ...values.keep];

const manifest = {};

async function store(plain, bytes) {
  const { name, ext } = parse(plain);
  const digest = createHash("sha256").update(bytes).digest("hex").slice(0, 10);
  manifest[plain] = `${name}.${digest}${ext}`;
  await writeFile(join(dist, manifest[plain]), bytes);
}

async function sources(path) {
  if (!(await stat(path).catch(() => null))) return [];
  const names = await readdir(path, { recursive: true });
  return names
    .filter((name) => [".html", ".ts", ".rs"].includes(extname(name)) && !name.includes("node_modules"))
    .map((name) => join(path, name));
}

async function style(name, content) {
  const compiled = sass.compile(join(web, "styles", `${name}.scss`), {
    loadPaths: [join(web, "node_modules")],
    quietDeps: true,
    // Bootstrap Italia 2 is written for Sass's older module system.
    silenceDeprecations: ["import", "global-builtin", "color-functions"],
  });
  const [purged] = await new PurgeCSS().purge({
    content,
    css: [{ raw: compiled.css }],
    defaultExtractor: (text) => text.match(/[\w-]+/g) ?? [],
    // Added by htmx while a page is open, or ended by the macros of `parts/` with
    // a word that only the page knows.
    safelist: { standard: [/^chip-/, /^tag-/, /^notice-/, /^step-/, /^bubble-/, /^chart-line/], greedy: [/htmx-/] },
  });
  const css = purged.css.replace(/url\("font:([^"]+)"\)/g, (_, font) => `url("${manifest[`${font}.woff2`]}")`);
  const { code } = await esbuild.transform(css, { loader: "css", minify: true, target, legalComments: "none" });
  await store(`${name}.css`, code);
}

async function script(name) {
  const { outputFiles } = await esbuild.build({
    entryPoints: [join(web, "scripts", `${name}.ts`)],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target,
    legalComments: "none",
  });
  await store(`${name}.js`, outputFiles[0].contents);
}

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
for (const [plain, path] of Object.entries(fonts)) {
  await store(plain, await readFile(join(italia, "fonts", path)));
}
await store("sprites.svg", await readFile(join(italia, "svg", "sprites.svg")));
const content = (await Promise.all(markup.map(sources))).flat();
for (const name of ["citizen", "desk"]) {
  await style(name, content);
  await script(name);
}
await writeFile(join(dist, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
for (const file of Object.values(manifest)) {
  const { size } = await stat(join(dist, file));
  console.log(`${String(Math.ceil(size / 1024)).padStart(6)} kB  ${file}`);
}
