// What can be done with something, behind one button: arrow keys, Home, End, letters, Escape.
import { EllipsisVertical, type LucideIcon } from 'lucide-react';
import { type ReactNode, type RefCallback, useId, useRef, useState } from 'react';
import { IconButton } from './IconButton';
import { MenuList } from './MenuList';

export interface MenuItem {
  label: string;
  icon?: LucideIcon;
  tone?: 'danger';
  onSelect: () => void;
}

/** What a trigger of its own spreads on its button. */
export interface MenuTriggerProps {
  id: string;
  ref: RefCallback<HTMLButtonElement>;
  'aria-haspopup': 'menu';
  'aria-expanded': boolean;
  onClick: () => void;
}

interface Props {
  label: string;
  icon?: LucideIcon;
  trigger?: (props: MenuTriggerProps) => ReactNode;
  items: readonly MenuItem[];
}

export function Menu({ label, icon = EllipsisVertical, trigger, items }: Props) {
  const [isOpen, setIsOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const props: MenuTriggerProps = {
    id: useId(),
    ref: (element) => {
      button.current = element;
    },
    'aria-haspopup': 'menu',
    'aria-expanded': isOpen,
    onClick: () => setIsOpen((was) => !was),
  };
  const close = (givesFocusBack: boolean) => {
    setIsOpen(false);
    if (givesFocusBack) button.current?.focus();
  };
  return (
    <>
      {trigger ? trigger(props) : <IconButton icon={icon} label={label} size="sm" {...props} />}
      {isOpen && <MenuList anchor={button} label={label} items={items} onClose={close} />}
    </>
  );
}
