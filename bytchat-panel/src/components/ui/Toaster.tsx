// Short words in a corner, above everything, and the polite live region of the whole panel.
import { CircleAlert, CircleCheck, X } from 'lucide-react';
import { useEffect, useLayoutEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { type Toast, useToasts } from '@/store/toasts';
import { Announcer } from './Announcer';
import { IconButton } from './IconButton';

const SHOWN_MS = { ok: 5000, danger: 10_000 };

export function Toaster() {
  const toasts = useToasts((state) => state.toasts);
  const corner = useRef<HTMLDivElement>(null);
  const newest = toasts.at(-1)?.id;

  // Shown anew for each, so that it lies above a dialog that was opened in between.
  useLayoutEffect(() => {
    const element = corner.current;
    if (!element || newest === undefined) return;
    element.showPopover();
    return () => element.hidePopover();
  }, [newest]);

  return (
    <>
      <Announcer />
      <div
        ref={corner}
        popover="manual"
        className="fixed inset-x-4 top-16 bottom-auto m-0 w-auto flex-col gap-2 border-0 bg-transparent p-0 open:flex sm:left-auto sm:w-96"
      >
        {toasts.map((toast) => (
          <ToastCard key={toast.id} toast={toast} />
        ))}
      </div>
    </>
  );
}

function ToastCard({ toast: { id, tone, text } }: { toast: Toast }) {
  const { t } = useTranslation('common');
  const dismiss = useToasts((state) => state.dismiss);

  useEffect(() => {
    const timer = setTimeout(() => dismiss(id), SHOWN_MS[tone]);
    return () => clearTimeout(timer);
  }, [id, tone, dismiss]);

  const Icon = tone === 'ok' ? CircleCheck : CircleAlert;
  return (
    <div
      role={tone === 'ok' ? 'status' : 'alert'}
      className="panel-toast flex items-start gap-3 rounded-xl border border-line bg-surface py-2.5 pr-2.5 pl-4 text-ink shadow-raised"
    >
      <Icon aria-hidden className={`mt-1.5 size-[18px] shrink-0 ${tone === 'ok' ? 'text-ok' : 'text-danger'}`} />
      <p className="wrap-anywhere flex-1 py-1.5 text-sm leading-5">{text}</p>
      <IconButton icon={X} label={t('close')} size="sm" onClick={() => dismiss(id)} />
    </div>
  );
}
