// The handbooks of an invented shop that come with Bytchat, for trying a bot before one has documents at hand.
import shopUrl from '../../../samples/shop.en.txt?url';
import tiendaUrl from '../../../samples/tienda.es.txt?url';

export type SampleLanguage = 'es' | 'en';

interface Sample {
  url: string;
  filename: string;
  characters: number;
}

export const SAMPLES: Record<SampleLanguage, Sample> = {
  es: { url: tiendaUrl, filename: 'tienda.es.txt', characters: 51_259 },
  en: { url: shopUrl, filename: 'shop.en.txt', characters: 6_902 },
};

/** Questions that the handbook answers: a price, and others in words that are not the text's. */
export const SUGGESTED_QUESTIONS: Record<SampleLanguage, readonly string[]> = {
  es: [
    '¿Cuánto cuesta la bicicleta plegable Molinera?',
    '¿Qué pasa si mi casco recibe un golpe fuerte?',
    '¿Qué es el REF/A-17 y qué precio tiene?',
  ],
  en: [
    'How much does the Molinera folding bicycle cost?',
    'Can I return a bicycle that I have ridden?',
    'What is REF/A-17 and what does it cost?',
  ],
};

/** Which of the handbooks this document is; null for an owner's own. */
export function sampleLanguageOf(document: { filename: string; characters: number }): SampleLanguage | null {
  if (isThis('es', document)) return 'es';
  return isThis('en', document) ? 'en' : null;
}

/** The handbook to ask about: the panel's language goes first; undefined where the bot has none. */
export function sampleToAsk(
  documents: readonly { filename: string; characters: number }[],
  language: string,
): SampleLanguage | undefined {
  const known = documents.map(sampleLanguageOf).filter((one) => one !== null);
  return known.find((one) => one === sampleLanguage(language)) ?? known[0];
}

export function isSample(document: { filename: string; characters: number }): boolean {
  return sampleLanguageOf(document) !== null;
}

/** The handbook in a language of the panel. */
export function sampleLanguage(language: string): SampleLanguage {
  return language.startsWith('en') ? 'en' : 'es';
}

function isThis(language: SampleLanguage, { filename, characters }: { filename: string; characters: number }) {
  return filename === SAMPLES[language].filename && characters === SAMPLES[language].characters;
}
