import { useTranslation } from 'react-i18next';
import { deviceOf } from '@/lib/device';

/** «Firefox en Linux», a program's own name, or that it is not known. */
export function useDeviceName(): (userAgent: string) => string {
  const { t } = useTranslation('account');
  return (userAgent) => {
    const { browser, system } = deviceOf(userAgent);
    if (browser && system) return t('sessions.on', { browser, system });
    return browser ?? system ?? t('sessions.unknown');
  };
}
