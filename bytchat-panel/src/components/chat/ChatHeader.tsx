// Above the thread: which conversation this is, and the way to the others.
import { PanelLeft, SquarePen } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '@/components/ui/IconButton';

interface Props {
  title: string;
  isListShown: boolean;
  onToggleList: () => void;
  onOpenList: () => void;
  onStartNew: () => void;
}

/** On wide screens the list is beside the thread and may be hidden; on narrow ones it opens over it. */
export function ChatHeader({ title, isListShown, onToggleList, onOpenList, onStartNew }: Props) {
  const { t } = useTranslation('chat');
  const toggle = isListShown ? t('conversations.hide') : t('conversations.show');
  return (
    <div className="flex h-12 shrink-0 items-center gap-1 border-line border-b px-2 sm:px-3">
      <IconButton
        icon={PanelLeft}
        size="sm"
        label={toggle}
        aria-expanded={isListShown}
        onClick={onToggleList}
        className="max-lg:hidden"
      />
      <IconButton
        icon={PanelLeft}
        size="sm"
        label={t('conversations.title')}
        aria-haspopup="dialog"
        onClick={onOpenList}
        className="lg:hidden"
      />
      <h1 title={title} className="min-w-0 flex-1 truncate px-1 font-medium text-sm">
        {title}
      </h1>
      <IconButton
        icon={SquarePen}
        size="sm"
        label={t('conversations.new')}
        onClick={onStartNew}
        // The list has the same button.
        className={isListShown ? 'lg:hidden' : ''}
      />
    </div>
  );
}
