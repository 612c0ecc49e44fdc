// A text box that suggests the catalog's models and takes any other: ARIA's combobox with a list.
import { ChevronsUpDown } from 'lucide-react';
import { type KeyboardEvent, type RefObject, useId, useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ProviderModel, ProviderName } from '@/api/types';
import type { FieldControl } from '@/components/ui/Field';
import { Input } from '@/components/ui/Input';
import { ModelOption } from './ModelOption';
import { idOf, movedBy, type Suggestion, suggestionsFor } from './suggestions';
import { useListboxPlace } from './useListboxPlace';

interface ModelComboboxProps extends FieldControl {
  value: string;
  onChange: (modelId: string) => void;
  onBlur?: () => void;
  provider: ProviderName;
  models: readonly ProviderModel[];
  inputRef?: (element: HTMLInputElement | null) => void;
}

export function ModelCombobox({
  value,
  onChange,
  onBlur,
  provider,
  models,
  inputRef,
  ...control
}: ModelComboboxProps) {
  const { t } = useTranslation('toolbox');
  const listId = useId();
  const box = useRef<HTMLInputElement | null>(null);
  const [isOpen, setIsOpen] = useState(false);
  const [active, setActive] = useState(-1);
  // Until something is typed the whole list is offered, also where a model is chosen.
  const [isTyping, setIsTyping] = useState(false);
  const suggestions = suggestionsFor(isTyping ? value : '', models);
  const isShown = isOpen && suggestions.length > 0;

  const open = () => {
    setIsTyping(false);
    setActive(-1);
    setIsOpen(true);
  };
  const close = () => setIsOpen(false);
  const choose = (suggestion: Suggestion) => {
    onChange(idOf(suggestion));
    close();
  };
  const press = (event: KeyboardEvent) => {
    const action = actionOf(event, isShown);
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    if (action === 'close') return close();
    if (action === 'choose') {
      const suggestion = suggestions[active];
      return suggestion ? choose(suggestion) : close();
    }
    if (!isOpen) open();
    setActive(movedBy(action, isShown ? active : -1, suggestions.length));
  };

  return (
    <div className="relative">
      <Input
        {...control}
        ref={(element) => {
          box.current = element;
          inputRef?.(element);
        }}
        role="combobox"
        aria-autocomplete="list"
        aria-expanded={isShown}
        aria-controls={isShown ? listId : undefined}
        aria-activedescendant={isShown && active >= 0 ? `${listId}-${active}` : undefined}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={200}
        placeholder={t('form.modelPlaceholder')}
        className="pr-10"
        value={value}
        onChange={(event) => {
          setIsTyping(true);
          setActive(-1);
          setIsOpen(true);
          onChange(event.target.value);
        }}
        onClick={() => !isOpen && open()}
        onKeyDown={press}
        onBlur={() => {
          close();
          onBlur?.();
        }}
      />
      <ChevronsUpDown
        aria-hidden="true"
        className="pointer-events-none absolute top-1/2 right-3 size-4 -translate-y-1/2 text-muted"
      />
      <span role="status" className="sr-only">
        {isShown && t('form.found', { count: suggestions.filter(({ kind }) => kind === 'listed').length })}
      </span>
      {isShown && (
        <Listbox
          id={listId}
          box={box}
          label={t('form.suggestions', { provider: t(`provider.${provider}`) })}
          suggestions={suggestions}
          active={active}
          chosen={value}
          onChoose={choose}
        />
      )}
    </div>
  );
}

/** Up and down move, Enter chooses, Escape closes the list and nothing else; all other keys belong to the text. */
function actionOf(event: KeyboardEvent, isShown: boolean): 1 | -1 | 'choose' | 'close' | null {
  if (event.nativeEvent.isComposing) return null;
  if (event.key === 'ArrowDown') return 1;
  if (event.key === 'ArrowUp') return -1;
  if (isShown && event.key === 'Enter') return 'choose';
  if (isShown && event.key === 'Escape') return 'close';
  return null;
}

interface ListboxProps {
  id: string;
  box: RefObject<HTMLInputElement | null>;
  label: string;
  suggestions: Suggestion[];
  active: number;
  chosen: string;
  onChoose: (suggestion: Suggestion) => void;
}

function Listbox({ id, box, label, suggestions, active, chosen, onChoose }: ListboxProps) {
  const list = useRef<HTMLDivElement>(null);
  const place = useListboxPlace(true, box);
  // In the top layer, since the dialog around it cuts what goes over its edge.
  useLayoutEffect(() => list.current?.showPopover(), []);
  return (
    <div
      ref={list}
      id={id}
      role="listbox"
      aria-label={label}
      popover="manual"
      tabIndex={-1}
      style={place && { inset: 'auto', ...place }}
      className="m-0 overflow-y-auto overscroll-contain rounded-xl border border-line bg-surface p-1 text-ink shadow-raised"
      // The text box keeps the focus.
      onMouseDown={(event) => event.preventDefault()}
    >
      {suggestions.map((suggestion, index) => (
        <ModelOption
          key={`${suggestion.kind} ${idOf(suggestion)}`}
          id={`${id}-${index}`}
          suggestion={suggestion}
          isActive={index === active}
          isChosen={idOf(suggestion) === chosen}
          onChoose={() => onChoose(suggestion)}
        />
      ))}
    </div>
  );
}
