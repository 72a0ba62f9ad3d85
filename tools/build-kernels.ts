import { readFileSync, writeFileSync } from 'node:fs';
import wabt from 'wabt';

const SOURCE = new URL('./kernels/optimizer.wat', import.meta.url);
const TARGET = new URL('../src/engine/optimizer/kernel-bytes.ts', import.meta.url);

/** The optimizer's kernels, assembled from their text: a WebAssembly binary. */
export async function assembleKernels(): Promise<Uint8Array> {
  const assembler = await wabt();
  const module = assembler.parseWat('optimizer.wat', readFileSync(SOURCE, 'utf8'), { simd: true });
  try {
    module.validate();
    return module.toBinary({}).buffer;
  } finally {
    module.destroy();
  }
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const bytes = await assembleKernels();
  const text = Buffer.from(bytes).toString('base64');
  writeFileSync(
    TARGET,
    `// Written by tools/build-kernels.ts from tools/kernels/optimizer.wat; not to be edited.\n\n/** A WebAssembly binary, base64. */\nexport const KERNEL_BYTES =\n  '${text}';\n`,
  );
  console.log(`${TARGET.pathname}: ${bytes.length} bytes`);
}
