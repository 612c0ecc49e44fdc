// The dialog of a new bot, fetched with its form when it is first wanted.
import { lazy, Suspense, useRef } from 'react';

const CreateBotDialog = lazy(async () => ({ default: (await import('./CreateBotDialog')).CreateBotDialog }));

interface CreateBotProps {
  isOpen: boolean;
  onClose: () => void;
}

export function CreateBot({ isOpen, onClose }: CreateBotProps) {
  const wasWanted = useRef(false);
  if (isOpen) wasWanted.current = true;
  return wasWanted.current ? (
    <Suspense fallback={null}>
      <CreateBotDialog isOpen={isOpen} onClose={onClose} />
    </Suspense>
  ) : null;
}
