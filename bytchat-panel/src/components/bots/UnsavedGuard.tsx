// Asks before one leaves what is not saved: inside the panel with a dialog, outside with the browser's own.
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { useBeforeUnload, useBlocker } from 'react-router';
import { ConfirmDialog } from '@/components/ui/ConfirmDialog';

interface UnsavedGuardProps {
  isDirty: boolean;
  /** Asked at the moment of leaving: whether there is nothing left to save it in. */
  isNeedless: () => boolean;
}

export function UnsavedGuard({ isDirty, isNeedless }: UnsavedGuardProps) {
  const { t } = useTranslation('bots');
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) =>
      isDirty && !isNeedless() && currentLocation.pathname !== nextLocation.pathname,
  );
  useBeforeUnload(useCallback((event) => isDirty && event.preventDefault(), [isDirty]));
  return (
    <ConfirmDialog
      isOpen={blocker.state === 'blocked'}
      onClose={() => blocker.reset?.()}
      onConfirm={() => blocker.proceed?.()}
      title={t('leave.title')}
      description={t('leave.text')}
      confirmLabel={t('leave.confirm')}
    />
  );
}
