import { useTranslation } from 'react-i18next';
import type { Invalid } from './schemas';

/** Says what is wrong with a field, whether the form found it or the server told it in a sentence. */
export function useInvalidText(): (error: { type?: unknown; message?: string } | undefined) => string | undefined {
  const { t, i18n } = useTranslation('auth');
  return (error) => {
    if (!error?.message) return undefined;
    const isOurs = error.type !== 'server' && i18n.exists(`invalid.${error.message}`, { ns: 'auth' });
    return isOurs ? t(`invalid.${error.message as Invalid}`) : error.message;
  };
}
