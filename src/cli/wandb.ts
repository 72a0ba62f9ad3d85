import { UsageError } from '../common/errors.ts';
import type { WandbBoard } from '../training/index.ts';
import type { OptionSpecs, Values } from './command.ts';
import type { Output } from './output.ts';

/** Options of sending metrics to Weights & Biases. */
export const WANDB_OPTIONS = {
  wandb: {
    type: 'string',
    bare: 'graspbridge',
    describe:
      'send metrics to Weights & Biases, too: the project; needs npm install --save-dev @wandb/sdk and WANDB_API_KEY',
    defaultText: 'nothing is sent; graspbridge without a name',
  },
  'wandb-entity': { type: 'string', describe: 'the account or team there', defaultText: "the key's own" },
} as const satisfies OptionSpecs;

/** What sends the metrics there; null where that was not asked for. Throws UsageError before anything is begun. */
export async function sendToWandb(values: Values<typeof WANDB_OPTIONS>, output: Output): Promise<WandbBoard | null> {
  const { wandb: project, 'wandb-entity': entity } = values;
  if (project === undefined) {
    if (entity !== undefined)
      throw new UsageError('--wandb-entity says where at Weights & Biases, but nothing is sent there. Add --wandb.');
    return null;
  }
  const { openWandb } = await import('../training/index.ts');
  return openWandb({
    project,
    ...(entity === undefined ? {} : { entity }),
    onUrl: url => output.line(`W&B ${url}`),
    onWarning: message => output.warn(`Warning: ${message}`),
  });
}
