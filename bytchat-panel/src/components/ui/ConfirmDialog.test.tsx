import { act, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { expect, test, vi } from 'vitest';
import { Problem } from '@/api/problem';
import { ConfirmDialog } from './ConfirmDialog';

interface Given {
  typed?: string;
  isTypedEmail?: boolean;
  isBusy?: boolean;
  error?: unknown;
}

function Opener({ onConfirm, ...given }: Given & { onConfirm: () => void }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <button type="button" onClick={() => setIsOpen(true)}>
        Abrir
      </button>
      <ConfirmDialog
        {...given}
        isOpen={isOpen}
        onClose={() => setIsOpen(false)}
        onConfirm={onConfirm}
        title="¿Borrar el bot?"
        confirmLabel="Borrar"
      />
    </>
  );
}

async function open(given: Given = {}) {
  const onConfirm = vi.fn();
  const user = userEvent.setup();
  render(<Opener {...given} onConfirm={onConfirm} />);
  await user.click(screen.getByRole('button', { name: 'Abrir' }));
  return { onConfirm, user, confirm: screen.getByRole('button', { name: 'Borrar' }) };
}

test('the words must be typed before it can be confirmed', async () => {
  const { user, confirm, onConfirm } = await open({ typed: 'Tornavía' });
  expect(confirm).toBeDisabled();

  await user.keyboard('Torna');
  expect(confirm).toBeDisabled();
  await user.keyboard('vía{Enter}');

  expect(onConfirm).toHaveBeenCalledOnce();
});

test('it says why it cannot be confirmed yet', async () => {
  const { user, confirm } = await open({ typed: 'Tornavía' });
  const box = screen.getByRole('textbox');
  expect(box).toHaveAccessibleDescription('El botón se activa cuando esté escrito entero.');

  await user.keyboard('tornavía');
  expect(box).toHaveAccessibleDescription('Lo escrito no coincide, y el botón sigue sin activar.');
  expect(confirm).toBeDisabled();

  await user.clear(box);
  await user.type(box, 'Tornavía');
  expect(box).toHaveAccessibleDescription('');
  expect(confirm).toBeEnabled();
});

test('an e-mail counts as typed whatever its capitals and the spaces around it', async () => {
  const { user, onConfirm } = await open({ typed: 'ana@ejemplo.com', isTypedEmail: true });
  expect(screen.getByRole('textbox')).toHaveAttribute('autocapitalize', 'off');

  await user.keyboard('  Ana@Ejemplo.com {Enter}');

  expect(onConfirm).toHaveBeenCalledOnce();
});

test('without words to type the focus is on the way out', async () => {
  await open();

  expect(screen.getByRole('button', { name: 'Cancelar' })).toHaveFocus();
});

test('Escape closes it and the focus goes back to where it was', async () => {
  const { user, onConfirm } = await open();

  await user.keyboard('{Escape}');

  expect(screen.queryByRole('dialog')).toBeNull();
  expect(screen.getByRole('button', { name: 'Abrir' })).toHaveFocus();
  expect(onConfirm).not.toHaveBeenCalled();
});

test('while it is busy it cannot be confirmed again', async () => {
  const { user, confirm, onConfirm } = await open({ isBusy: true });

  await user.click(confirm);

  expect(onConfirm).not.toHaveBeenCalled();
});

test('what went wrong is said inside it', async () => {
  await open({ error: new Problem(0, 'network') });

  expect(screen.getByRole('alert')).toHaveTextContent('El servidor no responde');
});

test('confirming twice before the first is drawn asks once', async () => {
  const { confirm, onConfirm } = await open();

  act(() => {
    confirm.click();
    confirm.click();
  });

  expect(onConfirm).toHaveBeenCalledOnce();
});
