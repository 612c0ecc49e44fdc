// When a thread follows its end, and when it leaves the reader in peace.

export interface ScrollPosition {
  scrollTop: number;
  clientHeight: number;
  scrollHeight: number;
}

/** Nearer than this many pixels counts as at the end: zoomed pages stop at fractions of a pixel. */
export const END_REACH_PX = 32;

/** Whether the reader is at the end, and wants to see what comes. */
export function isAtEnd({ scrollTop, clientHeight, scrollHeight }: ScrollPosition): boolean {
  return scrollHeight - clientHeight - scrollTop <= END_REACH_PX;
}
