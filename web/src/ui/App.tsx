/** The page for the address the browser is at. */
export function App() {
  return (
    <main>
      <h1>Parley</h1>
    </main>
  );
}
