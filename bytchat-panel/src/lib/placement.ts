// Where something that opens beside a button fits on the screen.

interface Size {
  width: number;
  height: number;
}

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const GAP = 4;
const MARGIN = 8;

/** Below the anchor and flush with its right side; above, or from its left side, where there is more room. */
export function place(anchor: Box, size: Size, screen: Size): { left: number; top: number } {
  const fitsLeft = anchor.right - size.width >= MARGIN;
  const left = fitsLeft ? anchor.right - size.width : anchor.left;
  const fitsBelow = anchor.bottom + GAP + size.height <= screen.height - MARGIN;
  const fitsAbove = anchor.top - GAP - size.height >= MARGIN;
  const top = fitsBelow || !fitsAbove ? anchor.bottom + GAP : anchor.top - GAP - size.height;
  return { left: clamp(left, screen.width - size.width), top: clamp(top, screen.height - size.height) };
}

function clamp(value: number, room: number): number {
  return Math.max(MARGIN, Math.min(value, room - MARGIN));
}
