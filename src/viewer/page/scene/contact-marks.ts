import { ArrowHelper, Group, Mesh, MeshBasicMaterial, SphereGeometry, Vector3 } from 'three';

/** Arrow lengths: m for each N, and the longest. */
const METRES_PER_NEWTON = 0.006;
const LONGEST = 0.18;
/** Weaker contacts get a dot and no arrow, N. */
const WEAK = 0.3;

interface Mark {
  readonly group: Group;
  readonly arrow: ArrowHelper;
}

/** Contact points as dots, with their forces as arrows. */
export class ContactMarks {
  readonly root = new Group();
  private readonly marks: Mark[] = [];

  /** @param contacts `[contacts × 6]`: position (m) and force (N). */
  show(contacts: Float32Array): void {
    const count = contacts.length / 6;
    while (this.marks.length < count) this.marks.push(this.make());
    for (const [i, { group, arrow }] of this.marks.entries()) {
      group.visible = i < count;
      if (!group.visible) continue;
      group.position.fromArray(contacts, 6 * i);
      const force = new Vector3().fromArray(contacts, 6 * i + 3);
      const size = force.length();
      arrow.visible = size > WEAK;
      if (!arrow.visible) continue;
      arrow.setDirection(force.normalize());
      arrow.setLength(Math.min(LONGEST, size * METRES_PER_NEWTON) + 0.015, 0.014, 0.008);
    }
  }

  private make(): Mark {
    const group = new Group();
    // Contacts lie between bodies: they must show through them.
    const seen = { depthTest: false, transparent: true, opacity: 0.9 } as const;
    const dot = new Mesh(new SphereGeometry(0.003, 12, 8), new MeshBasicMaterial({ color: '#ffb020', ...seen }));
    const arrow = new ArrowHelper(new Vector3(0, 0, 1), new Vector3(), 0.05, '#ffb020');
    for (const part of [arrow.line, arrow.cone]) Object.assign(part.material, seen);
    dot.renderOrder = 10;
    group.add(dot, arrow);
    this.root.add(group);
    return { group, arrow };
  }
}
