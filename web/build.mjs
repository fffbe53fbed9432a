// node build.mjs [FOLDER]: what the browser loads, into segdemo/ui/static/built or FOLDER. The same sources give the same files.

import { build, transform } from 'esbuild';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

const out = process.argv[2] ?? '../segdemo/ui/static/built',
  litert = 'node_modules/@litertjs/core/wasm/litert_wasm_compat_internal', // for every browser: no threads, no relaxed SIMD
  notice = '/* Contains LiteRT.js, Copyright Google LLC, Apache License 2.0: see LICENSES.txt. */';
await mkdir(out, { recursive: true });

const common = { bundle: true, minify: true, format: 'iife', target: ['chrome103', 'firefox113', 'safari16.4'], legalComments: 'none', charset: 'utf8' };
await build({ ...common, entryPoints: ['src/worker.js'], outfile: `${out}/worker.js`, banner: { js: notice } });
await build({ ...common, entryPoints: ['src/page.js'], outfile: `${out}/page.js` });
const glue = await transform(await readFile(`${litert}.js`, 'utf8'), { minify: true, legalComments: 'none' });
await writeFile(`${out}/litert.js`, `${notice}\n${glue.code}`);
await writeFile(`${out}/litert.wasm.bin`, gzipSync(await readFile(`${litert}.wasm`), { level: 9 }));

const packages = ['@litertjs/core', '@litertjs/wasm-utils', 'nunjucks'];
const versions = await Promise.all(packages.map(async (name) => JSON.parse(await readFile(`node_modules/${name}/package.json`, 'utf8'))));
const licenses = versions.map(({ name, version, license }) => `${name} ${version}: ${license}`).join('\n');
await writeFile(`${out}/LICENSES.txt`, `${licenses}\n\n${await readFile('licenses/texts.txt', 'utf8')}`);
