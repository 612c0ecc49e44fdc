import { useTranslation } from 'react-i18next';
import { type Format, formatIn } from '@/lib/format';

/** Numbers, sizes, sums and times in the language of the panel. */
export function useFormat(): Format {
  const { i18n } = useTranslation();
  return formatIn(i18n.language);
}
