import { type ClassValue, clsx } from 'clsx';
import { twMerge } from 'tailwind-merge';

/** One class name from many; of two that say the same thing the last wins. */
export function classes(...values: ClassValue[]): string {
  return twMerge(clsx(values));
}
