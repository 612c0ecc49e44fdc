// What an answer took, in the reader's words.
import { useTranslation } from 'react-i18next';
import type { Message } from '@/api/types';
import { useFormat } from '@/components/ui/useFormat';

/** «≈» where we counted because the provider did not; null where there is nothing to count. */
export function useTokensText(message: Message): { short: string; long: string } | null {
  const { t } = useTranslation('chat');
  const format = useFormat();
  const { input_tokens: input, output_tokens: output } = message;
  if (input === null || output === null) return null;
  const approx = message.tokens_estimated ? '≈ ' : '';
  const count = input + output;
  // A model that reads no prompt counts none.
  if (count === 0) return null;
  return {
    short: t('answer.tokens', { approx, count, total: format.number(count) }),
    long: t('answer.tokensDetail', { approx, input: format.number(input), output: format.number(output) }),
  };
}

/** Null while nothing is known yet, which is not the same as a price that nobody knows. */
export function useCostText({ cost_micro_usd: cost, input_tokens }: Message): string | null {
  const { t } = useTranslation('chat');
  const format = useFormat();
  if (input_tokens === null) return null;
  if (cost === null) return t('answer.costUnknown');
  return cost === 0 ? t('answer.free') : format.money(cost);
}
