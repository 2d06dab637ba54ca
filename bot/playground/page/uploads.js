/** Files of the person as the control API takes them. */

/** {filename, data} of a file, its bytes in base64. */
export async function encoded(file) {
  const address = await new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
  return { filename: file.name, data: address.slice(address.indexOf(",") + 1) };
}
