import { useState } from 'react';

/** Keeps what the last attempt failed with, for the form to say it; a new attempt takes it away. */
export function useFailure() {
  const [failure, setFailure] = useState<unknown>(null);
  const attempt = async (action: () => Promise<unknown>, onFailure: (error: unknown) => void) => {
    setFailure(null);
    try {
      await action();
    } catch (error) {
      setFailure(error);
      onFailure(error);
    }
  };
  return { failure, setFailure, attempt };
}
