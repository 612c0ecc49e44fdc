// The sample handbook, which the panel's own server has.
import { SAMPLES, type SampleLanguage } from '@/lib/sample';
import { networkProblem, toProblem } from './problem';

/** The handbook as a file to upload. Throws a `Problem`. */
export async function fetchSample(language: SampleLanguage): Promise<File> {
  const { url, filename } = SAMPLES[language];
  const response = await fetch(url).catch(() => {
    throw networkProblem();
  });
  if (!response.ok) throw toProblem(response, null);
  return new File([await response.text()], filename, { type: 'text/plain' });
}
