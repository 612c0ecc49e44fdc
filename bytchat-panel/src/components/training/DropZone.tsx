// Where files come in: dropped, or chosen with a button.
import { Upload } from 'lucide-react';
import { type ChangeEvent, useId, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/Button';
import { classes } from '@/lib/classes';
import { UPLOAD_LIMIT_MB } from '@/lib/uploadFile';
import { useFileDrop } from './useFileDrop';

interface Props {
  onFiles: (files: File[]) => void;
  isCompact?: boolean;
}

export function DropZone({ onFiles, isCompact = false }: Props) {
  const { t } = useTranslation('training');
  const isOver = useFileDrop(onFiles);
  const hint = useId();
  return (
    <div
      className={classes(
        'flex items-center rounded-xl border border-line-strong border-dashed bg-surface transition-colors',
        isCompact ? 'flex-wrap justify-between gap-x-6 gap-y-3 px-5 py-4' : 'flex-col gap-4 px-6 py-10 text-center',
        isOver && 'border-accent border-solid bg-accent-soft',
      )}
    >
      <div className={classes('flex min-w-0 items-center gap-4', isCompact ? 'flex-1 basis-64' : 'flex-col')}>
        <span
          className={classes(
            'flex',
            isCompact && 'max-sm:hidden',
            'size-10 shrink-0 items-center justify-center rounded-lg bg-accent-soft text-accent',
          )}
        >
          <Upload aria-hidden className="size-5" />
        </span>
        <div className="min-w-0">
          <p className="font-medium">{isOver ? t('drop.now') : t('drop.title')}</p>
          <p id={hint} className="mt-0.5 text-pretty text-muted text-sm leading-5">
            {t('drop.hint', { limit: UPLOAD_LIMIT_MB })}
          </p>
        </div>
      </div>
      <FilePicker label={t('drop.choose')} describedBy={hint} onFiles={onFiles} />
    </div>
  );
}

interface PickerProps {
  label: string;
  describedBy: string;
  onFiles: (files: File[]) => void;
}

function FilePicker({ label, describedBy, onFiles }: PickerProps) {
  const input = useRef<HTMLInputElement>(null);
  const choose = (event: ChangeEvent<HTMLInputElement>) => {
    onFiles([...(event.target.files ?? [])]);
    // The same file can be chosen again.
    event.target.value = '';
  };
  return (
    <>
      <Button
        icon={Upload}
        aria-describedby={describedBy}
        className="max-sm:w-full"
        onClick={() => input.current?.click()}
      >
        {label}
      </Button>
      <input
        ref={input}
        type="file"
        multiple
        accept=".txt,text/plain"
        aria-label={label}
        tabIndex={-1}
        className="hidden"
        onChange={choose}
      />
    </>
  );
}
