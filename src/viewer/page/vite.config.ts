import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** Bundles the viewer's page, with all its libraries, into the package: nothing on it comes from elsewhere. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/',
  logLevel: 'warn',
  build: {
    outDir: fileURLToPath(new URL('../../../dist/viewer/page', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    // Inlined files would need a looser content policy.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
  },
});
