// One file on its way: how far it is, or why it did not get there.
import { CircleAlert, CircleCheck, FileUp, RotateCw, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Problem } from '@/api/problem';
import { Button } from '@/components/ui/Button';
import { IconButton } from '@/components/ui/IconButton';
import { ProgressBar } from '@/components/ui/ProgressBar';
import { useProblemText } from '@/components/ui/problemText';
import { useFormat } from '@/components/ui/useFormat';
import { classes } from '@/lib/classes';
import { UPLOAD_LIMIT_MB } from '@/lib/uploadFile';
import { type Upload, type UploadState, useUploads } from '@/store/uploads';

export function UploadRow({ upload }: { upload: Upload }) {
  const { t } = useTranslation('training');
  const { retry, remove } = useUploads.getState();
  const { file, state, id } = upload;
  const isUnderWay = state.status === 'waiting' || state.status === 'sending';
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-2 py-3 pr-2.5 pl-4 sm:gap-x-4 sm:pr-3 sm:pl-5">
      <StateIcon status={state.status} />
      <div className="min-w-0 flex-1 basis-40">
        <p className="truncate font-medium text-[15px]" title={file.name}>
          {file.name}
        </p>
        <UploadNews upload={upload} />
      </div>
      {state.status === 'failed' && mayHelp(state.error) && (
        <Button
          size="sm"
          icon={RotateCw}
          aria-label={t('uploads.retryLabel', { name: file.name })}
          onClick={() => retry(id)}
        >
          {t('uploads.retry')}
        </Button>
      )}
      <IconButton
        icon={X}
        size="sm"
        label={t(isUnderWay ? 'uploads.cancel' : 'uploads.dismiss', { name: file.name })}
        onClick={() => remove(id)}
      />
    </li>
  );
}

/** Whether the same file may be taken the next time: not where the server has read it and said no. */
function mayHelp(error: unknown): boolean {
  return !(error instanceof Problem && (error.status === 413 || error.status === 422));
}

function StateIcon({ status }: { status: UploadState['status'] }) {
  const isBad = status === 'failed' || status === 'refused';
  const Icon = isBad ? CircleAlert : status === 'known' ? CircleCheck : FileUp;
  const tone = isBad ? 'text-danger' : status === 'known' ? 'text-ok' : 'text-muted';
  return <Icon aria-hidden className={classes('size-5 shrink-0', tone)} />;
}

function UploadNews({ upload: { file, state } }: { upload: Upload }) {
  const { t } = useTranslation('training');
  const format = useFormat();
  const say = useProblemText();
  switch (state.status) {
    case 'waiting':
      return <p className="mt-0.5 text-muted text-sm">{t('uploads.waiting')}</p>;
    case 'sending':
      return <Sending file={file} sentBytes={state.sentBytes} />;
    case 'known':
      return <News>{t('uploads.known', { name: state.document.filename })}</News>;
    case 'failed':
      return <News isBad>{say(state.error)}</News>;
    case 'refused':
      if (state.reason !== 'too_large') return <News isBad>{say(state.reason)}</News>;
      return <News isBad>{t('uploads.tooLarge', { size: format.bytes(file.size), limit: UPLOAD_LIMIT_MB })}</News>;
  }
}

function News({ isBad = false, children }: { isBad?: boolean; children: ReactNode }) {
  return (
    <p
      role={isBad ? 'alert' : 'status'}
      className={classes('mt-0.5 text-sm leading-5', isBad ? 'text-danger' : 'text-muted')}
    >
      {children}
    </p>
  );
}

function Sending({ file, sentBytes }: { file: File; sentBytes: number }) {
  const { t } = useTranslation('training');
  const format = useFormat();
  const isSent = sentBytes >= file.size;
  const percent = format.percent(Math.round((100 * sentBytes) / Math.max(1, file.size)) / 100);
  return (
    <div className="mt-1 flex items-center gap-3">
      <ProgressBar
        value={sentBytes}
        max={isSent ? null : file.size}
        label={t('uploads.progress', { name: file.name })}
        className="max-w-56"
      />
      <span className="shrink-0 text-muted text-sm tabular-nums">
        {isSent ? t('uploads.checking') : t('uploads.sending', { percent })}
      </span>
    </div>
  );
}
