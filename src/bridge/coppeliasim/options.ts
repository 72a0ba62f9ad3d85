import * as z from 'zod';

const extent = z.number().positive().max(1);
const seconds = z.number().positive().max(3600);

/** How a CoppeliaSim is had, and how long things may take. */
export const coppeliaSimOptions = z.strictObject({
  /** A running simulator to connect to, tcp://127.0.0.1:23000 say; otherwise one is started. */
  address: z.string().min(1).optional(),
  /** The installation to start, where it is not in COPPELIASIM_ROOT_DIR or on the PATH. */
  coppeliasim: z.string().min(1).optional(),
  /** A scene (.ttt) to load; otherwise the running simulator's own, or one built from the embedded one. */
  scene: z.string().min(1).optional(),
  /** Which object is which in the scene, a *.scene.json; otherwise the packaged ones are tried. */
  sceneFile: z.string().min(1).optional(),
  /** Whether the one that is started shows its window. */
  gui: z.boolean().default(false),
  /** Where the one that is started writes its log. */
  log: z.string().min(1).optional(),
  /** Size (full extents, m) and mass (kg) of the block. */
  target: z
    .object({ size: z.tuple([extent, extent, extent]), mass: z.number().positive().max(100) })
    .default({ size: [0.05, 0.1, 0.05], mass: 0.25 }),
  /** The fast lane's port; a free one by default. */
  lanePort: z.int().min(1).max(65_535).optional(),
  /** How long a step may take, s, before the simulator counts as lost. */
  stepTimeout: seconds.default(10),
  /** How long connecting may take, s. Longer than `idleSeconds`: for so long a script of ours may keep it busy. */
  connectTimeout: seconds.default(10),
  loadTimeout: seconds.default(120),
  startTimeout: seconds.default(15),
  /** Without a request for so long, s, the simulation goes on by itself. */
  idleSeconds: seconds.default(5),
  /** How often connecting anew is tried before a lost simulator is given up. */
  attempts: z.int().min(1).max(1000).default(6),
  /** Wait before the second try, s; doubled for each one after it. */
  backOff: z.number().min(0).max(600).default(0.5),
});

export type CoppeliaSimOptions = z.input<typeof coppeliaSimOptions>;
