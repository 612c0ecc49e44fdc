// What there is to say of a document in a line.
import { useTranslation } from 'react-i18next';
import type { BotDocument } from '@/api/types';
import { useFormat } from '@/components/ui/useFormat';

/** Its size, length and language, and when it came. */
export function useDocumentFacts(): (document: BotDocument) => string[] {
  const { t } = useTranslation('training');
  const format = useFormat();
  const nameLanguage = useLanguageName();
  return ({ size_bytes, characters, language, created_at }) => [
    format.bytes(size_bytes),
    t('list.characters', { count: characters, formatted: format.number(characters) }),
    ...(language ? [nameLanguage(language)] : []),
    format.relative(created_at),
  ];
}

/** A language's name in that of the panel; its code where it has none. */
export function useLanguageName(): (code: string) => string {
  const { i18n } = useTranslation();
  return (code) => {
    try {
      return new Intl.DisplayNames([i18n.language], { type: 'language' }).of(code) ?? code;
    } catch {
      return code;
    }
  };
}
