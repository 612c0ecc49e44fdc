// Puts a text on the clipboard and says so.
import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { copyText } from '@/lib/clipboard';
import { announce } from '@/store/announcer';
import { useToasts } from '@/store/toasts';
import { IconButton } from './IconButton';

interface Props {
  text: string | (() => string);
  label: string;
  className?: string;
}

const CONFIRMED_MS = 2000;

export function CopyButton({ text, label, className }: Props) {
  const { t } = useTranslation('common');
  const [isCopied, setIsCopied] = useState(false);

  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setIsCopied(false), CONFIRMED_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);

  const copy = async () => {
    const isDone = await copyText(typeof text === 'string' ? text : text());
    setIsCopied(isDone);
    if (isDone) announce(t('copied'));
    else useToasts.getState().show('danger', t('copyFailed'));
  };
  return (
    <IconButton
      icon={isCopied ? Check : Copy}
      label={isCopied ? t('copied') : label}
      size="sm"
      onClick={copy}
      {...(className && { className })}
    />
  );
}
