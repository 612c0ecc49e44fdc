import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { Menu } from './Menu';

function renderMenu() {
  const chosen = vi.fn();
  const items = ['Abrir', 'Cambiar', 'Borrar'].map((label) => ({ label, onSelect: () => chosen(label) }));
  render(
    <>
      <Menu label="Más" items={items} />
      <button type="button">Fuera</button>
    </>,
  );
  return { chosen, user: userEvent.setup(), button: screen.getByRole('button', { name: 'Más' }) };
}

const item = (name: string) => screen.getByRole('menuitem', { name });

test('opening a menu puts the focus on its first item', async () => {
  const { user, button } = renderMenu();

  await user.click(button);

  expect(item('Abrir')).toHaveFocus();
  expect(button).toHaveAttribute('aria-expanded', 'true');
});

test('arrows go round, Home and End go to the ends, a letter to the item that begins with it', async () => {
  const { user, button } = renderMenu();
  await user.click(button);

  await user.keyboard('{ArrowUp}');
  expect(item('Borrar')).toHaveFocus();
  await user.keyboard('{ArrowDown}');
  expect(item('Abrir')).toHaveFocus();
  await user.keyboard('{End}');
  expect(item('Borrar')).toHaveFocus();
  await user.keyboard('c');
  expect(item('Cambiar')).toHaveFocus();
});

test('Enter chooses, closes and gives the focus back to the button', async () => {
  const { user, button, chosen } = renderMenu();
  await user.click(button);

  await user.keyboard('{ArrowDown}{Enter}');

  expect(chosen).toHaveBeenCalledExactlyOnceWith('Cambiar');
  expect(screen.queryByRole('menu')).toBeNull();
  expect(button).toHaveFocus();
});

test('Escape and a press elsewhere close without choosing', async () => {
  const { user, button, chosen } = renderMenu();
  await user.click(button);
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('menu')).toBeNull();
  expect(button).toHaveFocus();

  await user.click(button);
  await user.click(screen.getByRole('button', { name: 'Fuera' }));

  expect(screen.queryByRole('menu')).toBeNull();
  expect(chosen).not.toHaveBeenCalled();
});
