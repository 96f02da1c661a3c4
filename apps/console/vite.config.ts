import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const apiUrl = process.env['API_URL'] ?? 'http://localhost:8081';

/** Puts a compressed copy beside every text file, so that the server need not compress anything at run time. */
function precompress(): Plugin {
  return {
    name: 'millrace-precompress',
    apply: 'build',
    // After the files are written: until then Vite itself still changes them.
    async writeBundle({ dir = '' }, bundle) {
      for (const { fileName } of Object.values(bundle)) {
        if (!/\.(?:js|css|svg)$/.test(fileName)) continue;
        const file = join(dir, fileName);
        const bytes = await readFile(file);
        if (bytes.length < 1_000) continue;
        const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } });
        await Promise.all([writeFile(`${file}.br`, brotli), writeFile(`${file}.gz`, gzipSync(bytes))]);
      }
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), precompress()],
  // Libraries of this repository are taken from their sources: the console needs none of them built.
  resolve: { conditions: ['millrace-source', 'module', 'browser', 'development|production'] },
  build: {
    outDir: 'dist/web',
    emptyOutDir: true,
    // The names of its files; the check of the first load's size reads it.
    manifest: true,
    // These know `light-dark()`. For older ones it would be rewritten in a way that needs a fixed `color-scheme`, and
    // here that is the reader's choice.
    cssTarget: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
    // The policy of the pages allows no scripts inside HTML, and pictures are few.
    assetsInlineLimit: 0,
    // Charts and the canvas come in chunks of their own.
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { '/v1': { target: apiUrl } } },
});
