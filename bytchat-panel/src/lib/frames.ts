// Many small texts become one a frame: a model may say hundreds of words between two paintings.

export interface FrameBatch {
  add: (text: string) => void;
  /** Hand over at once what was gathered. */
  flush: () => void;
}

/** `hand` gets what was added since the last frame, joined. In a hidden page, where no frame comes, only `flush` does. */
export function batchByFrame(hand: (text: string) => void): FrameBatch {
  let gathered = '';
  let frame: number | null = null;
  const flush = () => {
    if (frame !== null) cancelAnimationFrame(frame);
    frame = null;
    const text = gathered;
    gathered = '';
    if (text) hand(text);
  };
  return {
    add(text) {
      gathered += text;
      frame ??= requestAnimationFrame(flush);
    },
    flush,
  };
}
