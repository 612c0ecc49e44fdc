// A write that is under way is not sent again: two presses may come before React has drawn the first.
import type { UseMutationResult } from '@tanstack/react-query';
import { useRef } from 'react';

type Mutate<Data, Variables> = (variables: Variables, onSuccess?: (data: Data) => void) => void;

/** `mutate` that passes over calls while one runs, known at once and not at the next render. */
export function useOneAtATime<Data, Variables>({
  mutate,
}: Pick<UseMutationResult<Data, Error, Variables, unknown>, 'mutate'>): Mutate<Data, Variables> {
  const isRunning = useRef(false);
  return (variables, onSuccess) => {
    if (isRunning.current) return;
    isRunning.current = true;
    mutate(variables, {
      onSuccess: (data) => onSuccess?.(data),
      onSettled: () => {
        isRunning.current = false;
      },
    });
  };
}
